"""The Million Song Dataset's and musiXmatch's files together: found, read, joined."""
