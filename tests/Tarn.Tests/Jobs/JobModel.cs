using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.Core.Objects;

namespace Tarn.Tests.Jobs;

/// <summary>A version as the model and the dump of a bucket have it.</summary>
internal sealed record ModelVersion(string? Content, bool IsNull, string Tags)
{
    public ModelVersion(StoredObject stored)
        : this(
            stored.IsDeleteMarker ? null : stored.Metadata.User.Single(static pair => pair.Key == "content").Value,
            stored.VersionName == VersionId.Null,
            string.Join(',', stored.Metadata.Tags.Select(static tag => $"{tag.Key}={tag.Value}")))
    {
    }

    public bool IsMarker => Content is null;

    public string Line(string key) => $"{key} {Content ?? "(marker)"}{(IsNull ? " null" : "")} [{Tags}]";
}

/// <summary>What a bucket holds, and what each kind of job makes of it.</summary>
internal sealed class JobModel(VersioningState versioning)
{
    private readonly SortedDictionary<string, List<ModelVersion>> _keys = new(StringComparer.Ordinal);

    public VersioningState Versioning { get; set; } = versioning;

    public IEnumerable<string> Lines => _keys.SelectMany(static key => key.Value.Select(version => version.Line(key.Key)));

    public void Put(string key, string content, string tags) => Push(key, new ModelVersion(content, false, tags));

    public void Delete(string key)
    {
        if (Versioning != VersioningState.Never)
        {
            Push(key, new ModelVersion(null, false, ""));
        }
        else
        {
            _keys.Remove(key);
        }
    }

    /// <summary>Applies a job, and returns how many keys are done, failed and skipped.</summary>
    public (long Done, long Failed, long Skipped) Apply(JobParameters job, JobModel destination)
    {
        long done = 0, failed = 0, skipped = 0;
        foreach (string key in _keys.Keys.Where(key => key.StartsWith(job.Prefix, StringComparison.Ordinal)).ToArray())
        {
            List<ModelVersion> versions = _keys[key];
            ModelVersion newest = versions[0];
            if (job.Kind == JobKind.Restore)
            {
                if (newest.IsMarker && versions.Find(static version => !version.IsMarker) is { } older)
                {
                    Push(key, older);
                    done++;
                }
                else
                {
                    skipped++;
                }
            }
            else if (job.WalksVersions && Versioning != VersioningState.Never)
            {
                done += versions.Count;
                _keys.Remove(key);
            }
            else if (!newest.IsMarker)
            {
                bool isDone = ApplyToLive(job, key, newest, destination);
                (done, failed) = isDone ? (done + 1, failed) : (done, failed + 1);
            }
        }

        return (done, failed, skipped);
    }

    private bool ApplyToLive(JobParameters job, string key, ModelVersion live, JobModel destination)
    {
        switch (job.Kind)
        {
            case JobKind.Tag:
                IEnumerable<string> kept = job.Merge ? live.Tags.Split(',', StringSplitOptions.RemoveEmptyEntries).Where(tag => !job.Tags.Any(set => tag.StartsWith(set.Key + "=", StringComparison.Ordinal))) : [];
                _keys[key][0] = live with { Tags = string.Join(',', kept.Concat(job.Tags.Select(static tag => $"{tag.Key}={tag.Value}"))) };
                return true;
            case JobKind.Copy or JobKind.Rename:
                string target = job.ToPrefix + key[job.Prefix.Length..];
                bool isThere = destination._keys.TryGetValue(target, out List<ModelVersion>? there) && !there[0].IsMarker;
                bool removesNull = (!job.Overwrite && destination.HidesNull(target)) || (job.Kind == JobKind.Rename && !live.IsNull && HidesNull(key));
                if (removesNull || target.Length == 0 || (isThere && !job.Overwrite) || (ReferenceEquals(destination, this) && target.StartsWith(job.Prefix, StringComparison.Ordinal)))
                {
                    return false;
                }

                destination.Push(target, live);
                if (job.Kind == JobKind.Rename)
                {
                    Delete(key);
                }

                return true;
            default:
                Delete(key);
                return true;
        }
    }

    /// <summary>Whether a write removes an object that is not the newest version.</summary>
    private bool HidesNull(string key) =>
        Versioning == VersioningState.Suspended && _keys.TryGetValue(key, out List<ModelVersion>? versions) && versions.Skip(1).Any(static version => version is { IsNull: true, IsMarker: false });

    private void Push(string key, ModelVersion version)
    {
        if (!_keys.TryGetValue(key, out List<ModelVersion>? versions))
        {
            _keys[key] = versions = [];
        }

        if (Versioning == VersioningState.Never)
        {
            versions.Clear();
        }
        else if (Versioning == VersioningState.Suspended)
        {
            versions.RemoveAll(static older => older.IsNull);
        }

        versions.Insert(0, version with { IsNull = Versioning != VersioningState.Enabled });
    }
}
