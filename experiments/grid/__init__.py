"""Many runs at once: manifest, pool of workers, schedule, job array."""
