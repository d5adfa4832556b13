/// How the page looks: light and dark, on screens and on paper.
enum InsightsStyle {
  static let rules: StaticString = """

    :root { --paper: #fbfaf8; --card: #ffffff; --ink: #1d2126; --soft: #5d6670; --line: #e4e1db;
      --grid: #eceae5; --main: #2f5f9e; --area: #2f5f9e22; --faint: #a9bdd6; --up: #c8622a;
      --down: #2b7f89; --good: #3b8f5a; --bad: #b8342c; --warn: #b07a10; --mid: #9aa3ad; --off: #c3c9cf }
    @media (prefers-color-scheme: dark) {
      :root { --paper: #14171b; --card: #1c2026; --ink: #e8eaed; --soft: #a0a8b2; --line: #2d333b;
        --grid: #272c33; --main: #7fb0ee; --area: #7fb0ee26; --faint: #47607f; --up: #f0935c;
        --down: #5cbcc7; --good: #6cc48b; --bad: #f0786f; --warn: #e0b04f; --mid: #7d8792; --off: #4b535d } }
    .churn { --high: var(--bad); --low: var(--good) }
    .conversion { --high: var(--good); --low: var(--off) }
    * { box-sizing: border-box }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif }
    main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px }
    header { margin-bottom: 28px }
    .kicker { margin: 0; color: var(--soft); text-transform: uppercase; letter-spacing: .09em; font-size: 12px }
    h1 { margin: 2px 0 14px; font-size: 34px; line-height: 1.2; letter-spacing: -.01em; overflow-wrap: anywhere }
    h2 { margin: 48px 0 14px; font-size: 21px; letter-spacing: -.005em }
    h3 { margin: 0 0 10px; font-size: 15px }
    .pill { margin-left: 12px; padding: 3px 11px; border-radius: 99px; background: var(--high); color: var(--card);
      font-size: 13px; font-weight: 600; letter-spacing: 0; vertical-align: middle }
    .facts { display: flex; flex-wrap: wrap; gap: 10px 36px; margin: 0 }
    .facts dt, .title { color: var(--soft); font-size: 13px }
    .facts dd { margin: 0; overflow-wrap: anywhere }
    .note { margin: 10px 0; padding: 11px 16px; border-radius: 8px; background: var(--card);
      border: 1px solid var(--line); border-left: 4px solid var(--warn) }
    .loud { border-left-color: var(--bad) }
    .loud strong { color: var(--bad) }
    .lead, figcaption { color: var(--soft) }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin-bottom: 16px }
    .tile, figure, .factors { background: var(--card); border: 1px solid var(--line); border-radius: 12px }
    .tile { padding: 14px 16px; display: flex; flex-direction: column }
    .tile b { font-size: 27px; line-height: 1.25; letter-spacing: -.01em; font-variant-numeric: tabular-nums }
    .more { color: var(--soft); font-size: 13px; line-height: 1.35 }
    .swatch { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px }
    .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(310px, 1fr)); gap: 16px }
    figure, .factors { margin: 0 0 16px; padding: 18px 20px }
    figcaption { margin-top: 8px; font-size: 13px }
    svg { display: block; width: 100%; height: auto; overflow: visible }
    .factors { overflow-x: auto }
    .factors td svg { width: 260px }
    .factors td:nth-child(2) svg { width: 150px }
    .tick { fill: var(--soft); font-size: 12px }
    .name { fill: var(--soft); font-size: 12.5px }
    .label { fill: var(--ink); font-size: 12px; font-variant-numeric: tabular-nums }
    .middle { text-anchor: middle }
    .end { text-anchor: end }
    .axis { stroke: var(--mid); stroke-width: 1 }
    .grid { stroke: var(--grid); stroke-width: 1 }
    .guide { fill: none; stroke: var(--mid); stroke-width: 1.25 }
    .dashed { stroke-dasharray: 4 4 }
    .line { fill: none; stroke: var(--main); stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
    .area { fill: var(--area) }
    .dot { fill: var(--card); stroke: var(--main); stroke-width: 2 }
    .dot.full { fill: var(--main) } .dot.expected { stroke: var(--mid) }
    .whisker { stroke: var(--main); stroke-width: 1.5; opacity: .45 }
    .bar { fill: var(--main) }
    .bar.faint { fill: var(--faint) }
    .mark { stroke: var(--ink); stroke-width: 1.75 }
    .low { fill: var(--low) } .medium { fill: var(--mid) } .high { fill: var(--high) }
    .swatch.low { background: var(--low) } .swatch.medium { background: var(--mid) }
    .swatch.high { background: var(--high) }
    .raises { fill: var(--up) } .lowers { fill: var(--down) }
    .drift { fill: var(--main) } .drift.chance { fill: var(--faint) }
    .drift.watch { fill: var(--warn) } .drift.shifted { fill: var(--bad) }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums }
    th { text-align: left; font-weight: 600 }
    thead th { color: var(--soft); font-size: 12.5px; font-weight: 500 }
    .plain { width: 100% }
    .plain > tbody > tr { border-top: 1px solid var(--line) }
    .plain > tbody > tr > th { width: 42%; font-weight: 500; overflow-wrap: anywhere }
    .plain > thead th, .plain > tbody > tr > * { padding: 9px 14px 9px 0; vertical-align: top }
    small { display: block; color: var(--soft); font-size: 12.5px; font-weight: 400 }
    small.number { text-align: center; max-width: 150px }
    .data { margin: 8px 0; font-size: 13px }
    .data th, .data td { padding: 3px 18px 3px 0; border-top: 1px solid var(--line); font-weight: 400 }
    .data td { text-align: right }
    .data thead th { border: 0 }
    .data thead th:not(:first-child) { text-align: right }
    details { margin-top: 6px; font-size: 13px }
    summary { color: var(--soft); cursor: pointer; width: fit-content }
    summary:hover { color: var(--ink) }
    footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px }
    @media print {
      :root { --paper: #fff; --card: #fff; --ink: #111; --soft: #555; --line: #ddd; --grid: #eee; --main: #2f5f9e;
        --area: #2f5f9e22; --faint: #a9bdd6; --up: #c8622a; --down: #2b7f89; --good: #3b8f5a; --bad: #b8342c;
        --warn: #b07a10; --mid: #9aa3ad; --off: #c3c9cf }
      @page { margin: 14mm }
      body { font-size: 12px; print-color-adjust: exact; -webkit-print-color-adjust: exact }
      main { max-width: none; padding: 0 2px }
      header { margin-bottom: 16px }
      h1 { font-size: 26px }
      h2 { margin: 26px 0 10px; font-size: 17px }
      h2, h3, .lead { break-after: avoid }
      figure, .factors, .tile, tr, .note, .lead { break-inside: avoid }
      .note { margin: 5px 0; padding: 5px 12px }
      .plots { grid-template-columns: repeat(3, 1fr); gap: 10px }
      .plots figure { padding: 12px }
      .tiles { grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 8px }
      .tile { padding: 8px 12px }
      .tile b { font-size: 20px }
      footer { margin-top: 24px; break-inside: avoid }
      details { display: none } }

    """
}
