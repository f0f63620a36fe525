using System.Globalization;
using Tarn.Server.Cli.Doctor.Checks;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>The clock, beside the server's. An accelerator works with a wrong one; certificates, logs and the signatures of programs on this machine do not.</summary>
internal sealed class AcceleratorClockCheck : ICheck<ExaminedAccelerator>
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1), SignatureTolerance = TimeSpan.FromMinutes(15);

    public string Name => "clock";

    public async Task<IReadOnlyList<Finding>> RunAsync(ExaminedAccelerator examined, CancellationToken cancellationToken)
    {
        const string advice = "run a time service on both: timedatectl set-ntp true, or chrony";
        var findings = new List<Finding>();
        if (await ServerTimeAsync(examined, cancellationToken) is { } theirs)
        {
            DateTimeOffset mine = examined.Time.GetUtcNow();
            TimeSpan off = mine - theirs;
            string what = string.Create(CultureInfo.InvariantCulture, $"it is {mine:u} here and {theirs:u} at the server");
            findings.Add(off.Duration() >= SignatureTolerance ? Finding.Problem($"{what}: requests of programs on this machine are refused (RequestTimeTooSkewed)", advice)
                : off.Duration() >= Tolerance ? Finding.Warning($"{what}: requests of programs on this machine are refused once it is 15 minutes", advice)
                : Finding.Ok(what));
        }
        else
        {
            findings.Add(Finding.Skipped("the server's time is not known, since it does not answer"));
        }

        if (examined.IsClockSynchronized() == false)
        {
            findings.Add(Finding.Warning("nothing keeps this machine's clock right", advice));
        }

        return findings;
    }

    private static async Task<DateTimeOffset?> ServerTimeAsync(ExaminedAccelerator examined, CancellationToken cancellationToken)
    {
        try
        {
            return examined.Options is { } options ? (await UpstreamAnswer.AskAsync(options, examined.Time, cancellationToken)).Date : null;
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            // The check of the server says why.
            return null;
        }
    }
}
