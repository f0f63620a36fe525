using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tarn.Server.Cli.Doctor.Checks;

namespace Tarn.Server.Cli.Doctor;

/// <summary>What all checks found, as lines for people or one JSON document.</summary>
internal sealed class DoctorReport
{
    private readonly List<(string Check, Finding Finding)> _findings = [];

    public int Problems => Count(Verdict.Problem);

    public void Add(string check, IEnumerable<Finding> findings) => _findings.AddRange(findings.Select(finding => (check, finding)));

    public void Print(CliOutput output) => output.Show(Document(), _ => Text());

    private int Count(Verdict verdict) => _findings.Count(entry => entry.Finding.Verdict == verdict);

    private string Text()
    {
        var text = new StringBuilder();
        int width = _findings.Max(static entry => entry.Check.Length);
        foreach ((string check, Finding finding) in _findings)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Name(finding.Verdict),-7}  {check.PadRight(width)}  {TerminalText.Of(finding.Found.ReplaceLineEndings(" "))}\n");
            if (finding.Advice is { } advice)
            {
                text.Append(CultureInfo.InvariantCulture, $"{"",-7}  {"".PadRight(width)}  > {TerminalText.Of(advice.ReplaceLineEndings(" "))}\n");
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"{Number(Problems, "problem")}, {Number(Count(Verdict.Warning), "warning")}\n").ToString();
    }

    private JsonElement Document()
    {
        var findings = new JsonArray();
        foreach ((string check, Finding finding) in _findings)
        {
            JsonObject one = new() { ["check"] = check, ["verdict"] = finding.Verdict.ToString().ToLowerInvariant(), ["found"] = finding.Found };
            if (finding.Advice is not null)
            {
                one["advice"] = finding.Advice;
            }

            findings.Add((JsonNode)one);
        }

        JsonObject document = new() { ["problems"] = Problems, ["warnings"] = Count(Verdict.Warning), ["findings"] = findings };
        return JsonDocument.Parse(document.ToJsonString()).RootElement;
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
