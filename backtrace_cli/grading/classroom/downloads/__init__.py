"""What Canvas, Moodle and Gradescope hand a teacher: whose each file is, unpacked where it is an archive."""
