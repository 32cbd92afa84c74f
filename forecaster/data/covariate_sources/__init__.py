"""Where covariates come from: columns of the data or of a file of the future, holidays, the dates themselves."""
