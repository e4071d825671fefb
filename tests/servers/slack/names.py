"""Whom the Slack of the tests knows, and by what it recognises us."""

BOT_TOKEN = "xoxb-nobodys-bot-token-of-the-tests"
APP_TOKEN = "xapp-nobodys-app-token-of-the-tests"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TICKET = "nobodys-ticket-of-the-tests"
KARI, OLA = "U0KARI", "U0OLA"
OURS, OUR_BOT = "U0BOT", "B0BOT"
DIRECT, ACME, OTHER = "D0KARI", "C0ACME", "C0OTHER"
