"""The grid operator's own server: its events become orders, and it is told what can be limited."""
