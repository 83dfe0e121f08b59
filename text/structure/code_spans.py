"""Code in Markdown: what stands between backticks is written as it is meant."""

CODE = r"```(?:[^`]++|`{1,2}(?!`))*+```|`[^`\n]{1,500}`"
"""The pattern of a fenced block or a span of code, which stages before Markdown leave as it is."""
