"""Owns how calls go to others over HTTP: how names are looked up, what travels along, the retries, how much is read."""
