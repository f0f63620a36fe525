using Tarn.Core.Errors;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Operations.Disks;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Settings;

/// <summary>Finds the object or the file of a disk that a setting belongs to.</summary>
internal sealed class SettingTargets(ObjectReader objects, DiskObject files)
{
    /// <summary>Refuses a request for a setting of an object or file that does not exist; else the answer gets its version id.</summary>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion, AccessDenied.</exception>
    public async ValueTask ThrowIfMissingAsync(S3Context context)
    {
        if (context.FoundDisk is { } disk)
        {
            await files.LookAsync(context, disk);
        }
        else
        {
            VersionParameter.Write(context.Response, context.RequiredBucket, await ObjectLookup.FindAsync(context, objects));
        }
    }
}
