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
        try
        {
            if (StoreFormat.Find(examined.Data) is not { } format)
            {
                return [Finding.Skipped("there is no store yet")];
            }

            string what = string.Create(CultureInfo.InvariantCulture, $"format {format.Version}{(format.IsMirrored ? " of one side of a mirror" : "")}");
            return format.Version == StoreFormat.Current
                ? [Finding.Ok($"{what}, which this build writes")]
                : [Finding.Warning(
                    string.Create(CultureInfo.InvariantCulture, $"{what} is older than this build's ({StoreFormat.Current}): the next start raises it, and the build that wrote it then refuses the store"),
                    "make a backup before that start (docs/operations/upgrading.md)")];
        }
        catch (StartupException e)
        {
            return [Finding.Problem(e.Message, "run the version of Tarn that wrote it, or a newer one (docs/operations/upgrading.md)")];
        }
    }
}
