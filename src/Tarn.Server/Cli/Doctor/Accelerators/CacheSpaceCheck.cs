using Tarn.Backends.Files;
using Tarn.Server.Cli.Doctor.Checks;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>Whether the cache finds the room that it may take.</summary>
internal sealed class CacheSpaceCheck : SimpleCheck<ExaminedAccelerator>
{
    public override string Name => "space";

    protected override IEnumerable<Finding> Look(ExaminedAccelerator examined)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Skipped("it is not known: the settings are wrong")];
        }

        string there = FileFacts.Nearest(options.Cache);
        FileSystemSpace space = examined.Space(there);
        long taken = there == options.Cache && Directory.Exists(there) ? new DirectoryInfo(there).EnumerateFiles().Sum(static file => file.Length) : 0;
        string what = $"--cache-size is {HumanBytes.Of(options.CacheSize)}; {options.Cache} has {HumanBytes.Of(taken)}, and {HumanBytes.Of(space.FreeBytes)} of {HumanBytes.Of(space.TotalBytes)} are free";
        return
        [
            options.CacheSize > space.TotalBytes ? Finding.Problem($"{what}: it is more than the device has", "set --cache-size to what is meant for the cache: four fifths of a device of its own")
            : options.CacheSize - taken > space.FreeBytes ? Finding.Warning($"{what}: the device will be full before the cache is", "make room, or lower --cache-size: a device without room fails, and what it fails to keep is fetched each time")
            : options.CacheSize > space.TotalBytes / 10 * 9 ? Finding.Warning($"{what}: hardly anything is left, and full flash is slow", "set --cache-size to four fifths of the device")
            : Finding.Ok(what),
        ];
    }
}
