"""Slack: customers write to an app in direct messages, channels and threads.

Takes events by Socket Mode or HTTP into the inlet, fills gaps from the history, posts answers.
"""
