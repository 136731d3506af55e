/** The file that `tomoflow init` writes: the whole method, each line explained, valid as soon as the files are there. */
export const starterWorkflow = (name: string, schema: string): string => `\
# yaml-language-server: $schema=${schema}
# The line above gives completion and explanations in editors (VS Code: install the YAML extension).
#   tomoflow validate   finds every mistake in this file
#   tomoflow plan       shows what would run, and why
#   tomoflow run        runs what is not up to date
version: 1
name: ${JSON.stringify(name)} # results go to results/<name>/<step>/<tomogram>/

# What to find. Labels run 1, 2, 3, …; 0 is the background.
classes:
  1: {name: ribosome, radius: 10}    # radius in voxels
  2: {name: proteasome, radius: 6}

# One row a tomogram, paths relative to this file. Or: tomograms: table.csv (.tsv, .xlsx).
# Known objects (.xml, .xlsx, .csv) are needed where the network trains and validates; never validate on training data.
tomograms:
  - {id: t0, tomogram: data/t0.mrc, objects: data/t0.xml, split: train}
  - {id: t1, tomogram: data/t1.mrc, objects: data/t1.xml, split: valid}
  - {id: t2, tomogram: data/t2.mrc, split: test}

# Shared values; tomoflow run --set epochs=5 overrides one.
params:
  epochs: 100

steps:
  # Paints the known objects into label maps, the targets of the training.
  target:
    uses: target
    where: {split: [train, valid]}
    with: {strategy: spheres}

  # Trains the network. patchSize is in voxels and a multiple of 4.
  train:
    uses: train
    from: target
    with: {patchSize: 56, batchSize: 25, epochs: "\${params.epochs}"}

  # Labels every voxel of the tomograms that the network has not seen.
  segment:
    uses: segment
    where: {split: test}
    with: {weights: "\${train.best}"}

  # Turns label maps into lists of objects.
  cluster:
    uses: cluster
    from: segment

  # Where the true objects of the test tomograms are known, give them as objects above and score the detections:
  # evaluate:
  #   uses: evaluate
  #   from: cluster
`;
