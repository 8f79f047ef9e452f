"""The fault desk: what goes wrong on the way between a client and the venue, when it is ordered to."""
