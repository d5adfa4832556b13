"""Makes lightgbm-binary.txt, a small model, and lightgbm-rows.csv, rows with its answers.

Run beside this file with lightgbm 4.7.0 and numpy. Columns of the rows: the features (empty is
missing), the raw margin, then pred_contrib's value for each feature and its bias.
"""
import pathlib

import lightgbm
import numpy

folder = pathlib.Path(__file__).parent
random = numpy.random.default_rng(7)
names = ["amount", "age", "colour", "share", "visits"]


def rows(count):
    table = numpy.column_stack([
        random.random(count) * 10,
        numpy.where(random.random(count) < 0.2, numpy.nan, random.normal(size=count)),
        random.integers(0, 40, count).astype(float),
        numpy.where(random.random(count) < 0.6, 0, random.random(count)),
        random.integers(0, 5, count).astype(float),
    ])
    table[random.random(count) < 0.05, 2] = numpy.nan
    return table


table = rows(1500)
margin = table[:, 0] - 5 - numpy.nan_to_num(table[:, 1]) + (table[:, 2] % 3 == 1) * 2 - table[:, 4] / 2
label = (random.random(1500) < 1 / (1 + numpy.exp(-margin))).astype(int)
data = lightgbm.Dataset(table, label, categorical_feature=[2], feature_name=names)
settings = dict(objective="binary", num_leaves=12, min_data_in_leaf=10, cat_smooth=1,
                min_data_per_group=5, verbose=-1, num_threads=1, deterministic=True, seed=7)
model = lightgbm.train(settings, data, 8)
text = model.model_to_string()
(folder / "lightgbm-binary.txt").write_text(text[: text.index("end of trees")] + "end of trees\n")

table = rows(60)
table[0] = numpy.nan
table[1, 2] = 99
margins = model.predict(table, raw_score=True)
contributions = model.predict(table, pred_contrib=True)
lines = [",".join(names + ["margin"] + ["contribution of " + name for name in names] + ["bias"])]
for row, margin, values in zip(table, margins, contributions):
    cells = ["" if numpy.isnan(cell) else repr(float(cell)) for cell in row]
    cells += [repr(float(value)) for value in [margin, *values]]
    lines.append(",".join(cells))
(folder / "lightgbm-rows.csv").write_text("\n".join(lines) + "\n")
