#!/usr/bin/env bash
# Grades a class as a job array of Slurm's, then puts the parts together. In a folder with course/ and submissions/:
#
#     job=$(sbatch --parsable --array=1-50 slurm.sh)
#     sbatch --dependency=afterok:"$job" slurm.sh
#
# --array alone says how many parts there are. A part that is there is whole, and is not graded again when the job is
# started once more; remove parts/ to grade anew.
#SBATCH --job-name=grades
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=02:00:00
set -euo pipefail

course=${COURSE:-course}
submissions=${SUBMISSIONS:-submissions}
# The command, where it isn't on the path of the nodes: COMMAND=~/venv/bin/backtrace sbatch …
backtrace=${COMMAND:-backtrace}
# Only for a course with variants: the key that its exercises were handed out with, in a file that only you can
# read (chmod 600). An environment variable would be seen by whoever may look at the job.
key=()
[ -f key.txt ] && key=(--key-file key.txt)

umask 077 # grades are for nobody else to read
mkdir -p parts
if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
    part=parts/$SLURM_ARRAY_TASK_ID.json
    [ -s "$part" ] && exit 0
    # Exit code 1 says that an answer is wrong, which is no failure of the grading.
    "$backtrace" grade "$submissions" --course "$course" ${key[@]+"${key[@]}"} --jobs "${SLURM_CPUS_PER_TASK:-1}" \
        --shard auto --report "json=$part" || test $? -eq 1
else
    "$backtrace" grade --merge parts/*.json --report csv=grades.csv --report json=grades.json || test $? -eq 1
fi
