"""Never ask twice, never too often."""
