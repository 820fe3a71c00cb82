"""What `manage.py doctor` looks at: each finding says what is so and, when it is wrong, what to do."""
