"""What `forecast check` looks for in data that were read, and covariates that give the target away."""
