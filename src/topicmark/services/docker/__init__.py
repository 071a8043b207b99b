"""The services of a lab as containers of the official images, on a network of their own."""
