using System.Globalization;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The version of the data directory's layout.</summary>
internal sealed class FormatCheck : SimpleCheck
{
    public override string Name => "format";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        if (!StoreFormat.Exists(examined.Data))
        {
            return [Finding.Skipped("there is no store yet")];
        }

        try
        {
            StoreFormat.ThrowIfUnreadable(examined.Data);
        }
        catch (StartupException e)
        {
            return [Finding.Problem(e.Message, "run the version of Tarn that wrote it, or a newer one (docs/operations/upgrading.md)")];
        }

        string text = File.ReadAllText(Path.Combine(examined.Data, "format")).Trim();
        return int.Parse(text, CultureInfo.InvariantCulture) == StoreFormat.Current
            ? [Finding.Ok($"format {text}, which this build writes")]
            : [Finding.Warning(
                string.Create(CultureInfo.InvariantCulture, $"format {text} is older than this build's ({StoreFormat.Current}): the next start raises it, and the build that wrote it then refuses the store"),
                "make a backup before that start (docs/operations/upgrading.md)")];
    }
}
