"""Work on an existing Dask cluster: reached, checked, and used like processes of this machine."""
