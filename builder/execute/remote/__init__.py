"""Posts that run on other machines, by Dask: what is known of it lies in this folder alone.

builder <-> dispatch      jobs and reports, as with a guard
dispatch -> scheduler     two archives, and a task for each post
worker -> run             the archives unpacked, and the post run as it is here
"""
