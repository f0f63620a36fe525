using System.Globalization;
using System.Text.Json.Nodes;
using Tarn.Server.Cli.Doctor.Checks;

namespace Tarn.Server.Cli.Doctor;

/// <summary>What all checks found: as lines for people, each as soon as it is found, or as one JSON document.</summary>
/// <param name="output">Where it is printed.</param>
/// <param name="isJson">Whether it is one JSON document.</param>
/// <param name="width">The length of the longest name of a check.</param>
internal sealed class DoctorReport(TextWriter output, bool isJson, int width)
{
    private readonly JsonArray _findings = [];
    private int _warnings;

    public int Problems { get; private set; }

    public void Add(string check, Finding finding)
    {
        Problems += finding.Verdict == Verdict.Problem ? 1 : 0;
        _warnings += finding.Verdict == Verdict.Warning ? 1 : 0;
        if (isJson)
        {
            JsonObject one = new() { ["check"] = check, ["verdict"] = finding.Verdict.ToString().ToLowerInvariant(), ["found"] = finding.Found };
            if (finding.Advice is not null)
            {
                one["advice"] = finding.Advice;
            }

            _findings.Add((JsonNode)one);
            return;
        }

        output.WriteLine($"{Name(finding.Verdict),-7}  {check.PadRight(width)}  {TerminalText.Of(finding.Found.ReplaceLineEndings(" "))}");
        if (finding.Advice is { } advice)
        {
            output.WriteLine($"{"",-7}  {"".PadRight(width)}  > {TerminalText.Of(advice.ReplaceLineEndings(" "))}");
        }

        output.Flush();
    }

    public void End()
    {
        JsonObject document = new() { ["problems"] = Problems, ["warnings"] = _warnings, ["findings"] = _findings };
        new CliOutput(output, isJson).Show(document, () => $"{Number(Problems, "problem")}, {Number(_warnings, "warning")}\n");
    }

    private static string Name(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Skipped => "-",
        Verdict.Warning => "warning",
        _ => "PROBLEM",
    };

    private static string Number(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
