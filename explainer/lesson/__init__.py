"""From an Evaluation to a lesson: TeX notation, template functions and figures."""
