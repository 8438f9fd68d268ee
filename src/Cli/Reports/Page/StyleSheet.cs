using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Page;

/// <summary>The look of the page, with the figures' font in it: nothing is fetched.</summary>
internal static class StyleSheet
{
    /// <summary>Contents of the style element.</summary>
    public static string Text()
    {
        string light = string.Join(" ", FigureColors.Variables.Select(entry => $"{entry.Variable}: {entry.Light.ToHex()};"));
        string dark = string.Join(" ", FigureColors.Variables.Select(entry => $"{entry.Variable}: {entry.Dark};"));
        return $$"""
            @font-face { font-family: "{{FigureFont.Family}}"; src: url(data:font/ttf;base64,{{Convert.ToBase64String(FigureFont.TrueType)}}) format("truetype"); }
            :root { color-scheme: light dark; --page: #f4f5f7; --card: #fefefe; --line: #d9dde2; --text: #1b2027; --soft: #57606a; --link: #0a5fa8;
              --ok: #0072b2; --rescued: #00795a; --bad: #b84a00; --other: #57606a; {{light}} }
            @media (prefers-color-scheme: dark) { :root { --page: #0d1117; --card: #161b22; --line: #30363d; --text: #e6edf3; --soft: #9da7b3; --link: #6cb6ff;
              --ok: #58b4f0; --rescued: #3ccb9f; --bad: #ff8a4c; --other: #9da7b3; {{dark}} } }
            @media print { :root { color-scheme: light; --page: #ffffff; --card: #ffffff; --line: #c9ced4; --text: #000000; --soft: #444444; --link: #000000;
              --ok: #0072b2; --rescued: #00795a; --bad: #b84a00; --other: #57606a; {{light}} }
              figure, .finding, tr { break-inside: avoid; } h2, h3 { break-after: avoid; } main { max-width: none; padding: 0; } }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "{{FigureFont.Family}}", sans-serif; overflow-wrap: break-word; }
            main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 64px; }
            h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 4px; letter-spacing: -.01em; }
            h2 { font-size: 1.35rem; margin: 44px 0 12px; }
            h3 { font-size: 1.12rem; margin: 0 0 2px; }
            a { color: var(--link); }
            .when, .note, figcaption, dt { color: var(--soft); font-size: .9rem; }
            .headline { font-size: 1.2rem; line-height: 1.45; margin: 18px 0; max-width: 62em; }
            .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 14px 0; }
            .prose p { max-width: 68em; margin: .5em 0; }
            ul.findings { margin: 8px 0; padding-left: 1.2em; } ul.findings li { margin: 6px 0; max-width: 66em; }
            .figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; margin: 14px 0; }
            figure { margin: 0; background: var(--fig-paper); border: 1px solid var(--line); border-radius: 10px; padding: 12px 12px 8px; }
            .card figure { border: 0; padding: 4px 0; background: none; }
            figure svg { display: block; width: 100%; height: auto; }
            figcaption { padding: 6px 4px 2px; } figcaption b { color: var(--text); font-weight: 600; }
            .scroll { overflow-x: auto; }
            table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
            th { text-align: left; font-weight: 600; color: var(--soft); vertical-align: bottom; }
            th, td { padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); }
            td { vertical-align: top; } tbody tr:last-child td, tbody tr:last-child th { border-bottom: 0; }
            tbody th { color: var(--text); white-space: normal; }
            th.n { text-align: right; } td.n { text-align: right; white-space: nowrap; } code { font: .86em ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
            td .note { font-size: .82rem; } tbody th { min-width: 13em; font-weight: 500; }
            .attempts td { min-width: 5em; } .attempts .wide { min-width: 15em; } .attempts .plan { min-width: 12em; } sub { line-height: 0; }
            .badge { display: inline-block; padding: 0 9px; border-radius: 99px; border: 1.5px solid currentColor; font-size: .82rem; font-weight: 600; line-height: 1.55; white-space: nowrap; }
            .completed { color: var(--ok); } .rescued { color: var(--rescued); } .diverged, .failed { color: var(--bad); } .unfinished, .stopped { color: var(--other); }
            .runhead { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; }
            dl { display: flex; flex-wrap: wrap; gap: 6px 28px; margin: 10px 0 4px; } dl.files { display: block; } dl.files div { margin-bottom: 8px; } dl div { min-width: 0; } dd { margin: 0; font-variant-numeric: tabular-nums; }
            details > summary { cursor: pointer; color: var(--link); margin: 10px 0; }
            @media (max-width: 760px) {
              .attempts, .attempts tbody, .attempts tr, .attempts td { display: block; width: auto; } .attempts thead { display: none; }
              .attempts tr { border-bottom: 1px solid var(--line); padding: 6px 0; } .attempts tr:last-child { border-bottom: 0; }
              .attempts td { border: 0; padding: 1px 0 1px 6.4em; position: relative; } .attempts td::before { content: attr(data-label); position: absolute; left: 0; color: var(--soft); }
              main { padding: 18px 12px 40px; } h1 { font-size: 1.55rem; } .headline { font-size: 1.08rem; }
              .figures { grid-template-columns: minmax(0, 1fr); } .card { padding: 14px 12px; } figure { padding: 8px 4px 4px; } figcaption { padding: 0 6px 4px; } }
            """;
    }
}
