"""Figures for supervisors: live, over time, ahead; reports that are kept and sent. All are counted from the views of facts."""
