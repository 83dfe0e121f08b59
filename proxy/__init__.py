"""OpenAI's speech API in front of Soprano on Triton: requests in, encoded audio out."""
