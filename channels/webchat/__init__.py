"""Web chat: what visitors of somebody's pages write, and the transcript that each of them sees.

Reads messages that ``web/chat`` hands over; writes arrivals, and entries of transcripts.
"""
