"""What this project is compared with under load: upstream's own server, and a plain port of it to Triton."""
