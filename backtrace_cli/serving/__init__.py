"""What programs may ask: the tools of the Model Context Protocol, and the schemas of what is written."""
