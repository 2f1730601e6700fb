"""Data files: read whole or refused with the place named."""
