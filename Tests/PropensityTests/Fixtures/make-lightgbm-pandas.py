"""Makes lightgbm-pandas.txt, a small model of a table with categories, and lightgbm-pandas.csv, rows with
its answers.

Run beside this file with lightgbm 4.7.0, numpy and pandas. Columns of the rows: a key, the features
(empty is missing), the raw margin, then pred_contrib's value for each feature and its bias.
"""
import pathlib

import lightgbm
import numpy
import pandas

folder = pathlib.Path(__file__).parent
random = numpy.random.default_rng(11)
colours, plans = ["blue", "green", "red"], ["basic", "plus"]


def rows(count):
    def category(names, share):
        cells = numpy.where(random.random(count) < share, None, random.choice(names, count))
        return pandas.Categorical(cells, categories=names)

    age = numpy.where(random.random(count) < 0.2, numpy.nan, random.integers(18, 80, count))
    return pandas.DataFrame({
        "amount": random.random(count) * 10,
        "colour": category(colours, 0.1),
        "age": age,
        "plan": category(plans, 0.0),
        "isNew": random.random(count) < 0.3,
    })


table = rows(1500)
margin = (table.amount - 5 + 2 * (table.colour == "green") - 1.5 * (table.plan == "plus")
          + 2 * table.isNew - numpy.nan_to_num((table.age - 45) / 10))
label = (random.random(1500) < 1 / (1 + numpy.exp(-margin))).astype(int)
settings = dict(objective="binary", num_leaves=12, min_data_in_leaf=10, verbose=-1, num_threads=1,
                deterministic=True, seed=7)
model = lightgbm.train(settings, lightgbm.Dataset(table, label), 8)
text = model.model_to_string()
end = text.index("end of trees") + len("end of trees\n")
(folder / "lightgbm-pandas.txt").write_text(text[:end] + text[text.index("\npandas_categorical:"):])

table = rows(60)
margins = model.predict(table, raw_score=True)
contributions = model.predict(table, pred_contrib=True)
names = list(table.columns)
lines = [",".join(["_id"] + names + ["margin"] + ["of " + name for name in names] + ["bias"])]
for number, (row, margin, values) in enumerate(zip(table.itertuples(index=False), margins, contributions)):
    cells = ["" if pandas.isna(cell) else str(cell).lower() for cell in row]
    cells += [repr(float(value)) for value in [margin, *values]]
    lines.append(",".join([f"p{number}"] + cells))
(folder / "lightgbm-pandas.csv").write_text("\n".join(lines) + "\n")
