"""The web chat: the script that other pages load, and what it talks to across origins."""
