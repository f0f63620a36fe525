using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.TestKit.Clocks;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;

namespace Tarn.Tests.Versioning;

/// <summary>One random history of a bucket, step by step against the model.</summary>
internal sealed class VersionHistory(IKeyValueStore rows, int seed) : IAsyncDisposable
{
    private static readonly string[] Keys = ["a", "a/b", "a/b/c", "a/d", "b\u0001", "c"];
    private static readonly string[] Strangers = ["null", "0000000000000000ffffffffffffffff", "not a version", ""];

    private readonly Random _random = new(seed);
    private readonly VersionedBucket _bucket = new(rows, seed);
    private readonly VersionModel _model = new();
    private readonly VersionOracle _oracle = new();
    private readonly List<ModelVersion> _gone = [];
    private int _written;

    public async Task RunAsync(int steps)
    {
        await _bucket.CreateAsync();
        for (int step = 0; step < steps; step++)
        {
            string did = "";
            try
            {
                _bucket.Clock.Shift(TimeSpan.FromMilliseconds(_random.Next(4) == 0 ? _random.Next(-5000, 5000) : _random.Next(2)));
                did = await StepAsync(Keys[_random.Next(_random.Next(1, Keys.Length + 1))]);
                await _oracle.CheckAsync(_bucket, _model, _gone, Strangers, _random);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}, step {step} ({did}, {_model.State}): {e.Message}", e);
            }
        }

        await RemoveAllAsync();
    }

    public ValueTask DisposeAsync() => _bucket.DisposeAsync();

    private async Task<string> StepAsync(string key)
    {
        switch (_random.Next(20))
        {
            case < 5:
                return await PutAsync(key);
            case < 8:
                return await DeleteAsync(key);
            case < 12:
                return await DeleteVersionAsync(key);
            case 12 or 13:
                _model.State = _random.Next(3) == 0 ? VersioningState.Suspended : VersioningState.Enabled;
                await _bucket.SetAsync(_model.State);
                return "set versioning";
            case 14 or 15:
                return await CopyAsync(key);
            case 16:
                return await TagAsync(key);
            case 17 or 18:
                return await UploadAsync(key);
            default:
                _bucket.Clock.Advance(TimeSpan.FromMinutes(11));
                await _bucket.Store.Reclaim.RunOnceAsync(failed: null, VersionedBucket.Token);
                return "reclaim";
        }
    }

    private async Task<string> PutAsync(string key)
    {
        string data = NewData();
        WriteCondition condition = Condition(key);
        string? refusal = Refusal(key, condition);
        if (refusal is null)
        {
            string tags = _random.Next(3) == 0 ? $"t{_written}" : "";
            string name = await _bucket.PutAsync(key, data, condition, tags.Length == 0 ? [] : [("tag", tags)]);
            Push(key, name, data, tags: tags);
        }
        else
        {
            await RefusedAsync(refusal, () => _bucket.PutAsync(key, data, condition));
        }

        return $"put {key} {condition}";
    }

    private async Task<string> DeleteAsync(string key)
    {
        ModelVersion? current = _model.Current(key);
        DeleteCondition condition = _random.Next(4) == 0 ? new DeleteCondition(SomeETag(key)) : DeleteCondition.None;
        if (condition.IfMatch is { } match && (current is null || (match != "*" && match != current.ETag)))
        {
            await RefusedAsync(current is null ? "NoSuchKey" : "PreconditionFailed", () => _bucket.DeleteAsync(key, null, condition));
            return $"refused delete {key}";
        }

        DeleteOutcome outcome = await _bucket.DeleteAsync(key, null, condition);
        Assert.Equal(_model.State != VersioningState.Never, outcome.IsDeleteMarker);
        Forget(key);
        _model.Delete(key, outcome.VersionName);
        return $"delete {key}";
    }

    private async Task<string> DeleteVersionAsync(string key)
    {
        IReadOnlyList<ModelVersion> versions = _model.Versions(key);
        string version = versions.Count > 0 && _random.Next(5) > 0 ? versions[_random.Next(_random.Next(1, versions.Count + 1))].Name
            : _gone.Count > 0 && _random.Next(2) == 0 ? _gone[_random.Next(_gone.Count)].Name
            : Strangers[_random.Next(Strangers.Length)];
        ModelVersion? found = _model.Find(key, version);
        DeleteCondition condition = _random.Next(5) == 0 ? new DeleteCondition(SomeETag(key)) : DeleteCondition.None;
        if (condition.IfMatch is { } match && match != "*" && (found is null || match != found.ETag))
        {
            await RefusedAsync(found is null ? "NoSuchKey" : "PreconditionFailed", () => _bucket.DeleteAsync(key, version, condition));
            return $"refused delete {key} {version}";
        }

        DeleteOutcome outcome = await _bucket.DeleteAsync(key, version, condition.IfMatch == "*" ? DeleteCondition.None : condition);
        Assert.Equal(new DeleteOutcome(version, found is { IsMarker: true }), outcome);
        if (found is not null)
        {
            _gone.Add(found);
            _model.Remove(key, version);
        }

        return $"delete {key} {version}";
    }

    private async Task<string> CopyAsync(string key)
    {
        string from = _random.Next(3) == 0 ? key : Keys[_random.Next(Keys.Length)];
        ModelVersion[] sources = [.. _model.Versions(from).Where(v => !v.IsMarker)];
        if (sources.Length == 0)
        {
            return "nothing to copy";
        }

        ModelVersion source = sources[_random.Next(sources.Length)];
        string? version = source == _model.Current(from) && _random.Next(2) == 0 ? null : source.Name;
        StoredObject copy = await _bucket.CopyAsync(from, version, key);
        Push(key, copy.VersionName, source.Data!, source.ETag, source.Tags);
        return $"copy {from} {version} to {key}";
    }

    private async Task<string> TagAsync(string key)
    {
        IReadOnlyList<ModelVersion> versions = _model.Versions(key);
        if (versions.Count == 0 || versions[_random.Next(versions.Count)] is not { IsMarker: false } version)
        {
            return "nothing to tag";
        }

        version.Tags = _random.Next(3) == 0 ? "" : $"t{++_written}";
        await _bucket.Store.Amender.SetTagsAsync(
            await _bucket.NowAsync(),
            VersionedBucket.Key(key),
            async () => (await _bucket.FindAsync(key, version.Name))!,
            version.Tags.Length == 0 ? [] : [new("tag", version.Tags)],
            VersionedBucket.Token);
        return $"tag {key} {version.Name}";
    }

    /// <summary>One part, from a body or a range of a version; completed, twice or not, or left.</summary>
    private async Task<string> UploadAsync(string key)
    {
        MultipartUpload upload = await _bucket.Store.Uploads.CreateAsync(
            await _bucket.NowAsync(), VersionedBucket.Key(key), VersionedBucket.Owner, "Owner", ObjectMetadata.Empty, null, ChecksumType.Composite, VersionedBucket.Token);
        string data = NewData();
        UploadedPart part;
        if (_model.Versions(key).FirstOrDefault(v => v.Data?.Length > 2) is { } source && _random.Next(2) == 0)
        {
            data = source.Data![1..];
            part = await _bucket.Store.Parts.CopyAsync(
                upload, 1, async () => (await _bucket.FindAsync(key, source.Name))!, size => (1, size - 1), VersionedBucket.Token);
        }
        else
        {
            part = await _bucket.Store.Parts.PutAsync(upload, 1, new MemoryBody(Encoding.UTF8.GetBytes(data)), new IngestRequest(), VersionedBucket.Token);
        }

        int begun = _model.Begin();
        if (_random.Next(2) == 0)
        {
            // What comes between an upload's beginning and its completion is newer than its object, unless there is a condition.
            _ = _random.Next(2) == 0 ? await PutAsync(key) : await DeleteAsync(key);
        }

        WriteCondition condition = Condition(key);
        var request = new CompletionRequest { Parts = [new CompletionPart(1, part.ETag.ToString())], Condition = condition };
        if (_random.Next(6) == 0)
        {
            Assert.True(await _bucket.Store.Uploads.AbortAsync(upload, VersionedBucket.Token));
            return "abort";
        }

        if (Refusal(key, condition) is { } refusal)
        {
            await RefusedAsync(refusal, async () => await CompleteAsync());
            return $"refused upload {key}";
        }

        StoredObject made = await CompleteAsync();
        Push(key, made.VersionName, data, made.ETag.ToString(), begun: condition == WriteCondition.None ? begun : null);
        Assert.Equal(made.VersionName, (await CompleteAsync()).VersionName);
        return $"upload {key}";

        async Task<StoredObject> CompleteAsync() => await _bucket.Store.Completion.CompleteAsync(
            await _bucket.NowAsync(), VersionedBucket.Key(key), upload.Id.ToString(), request, VersionedBucket.Token);
    }

    private async Task RemoveAllAsync()
    {
        foreach (string key in _model.Keys.ToList())
        {
            foreach (ModelVersion version in _model.Versions(key).OrderBy(_ => _random.Next()).ToList())
            {
                await _bucket.DeleteAsync(key, version.Name);
            }
        }

        foreach (MultipartUpload upload in (await _bucket.Store.Uploads.ListAsync(await _bucket.NowAsync(), new UploadQuery(), VersionedBucket.Token)).Uploads)
        {
            await _bucket.Store.Uploads.AbortAsync(upload, VersionedBucket.Token);
        }

        await _bucket.AssertNothingLeftAsync();
        await _bucket.Store.Buckets.DeleteAsync(await _bucket.NowAsync(), VersionedBucket.Token);
    }

    private void Push(string key, string name, string data, string? etag = null, string tags = "", int? begun = null)
    {
        Assert.DoesNotContain(_gone, v => v.Key == key && v.Name == name && name != "null");
        Forget(key);
        _model.Push(key, name, data, etag, tags, begun);
    }

    /// <summary>Remembers what the next write replaces.</summary>
    private void Forget(string key)
    {
        if (_model.State != VersioningState.Enabled && _model.Find(key, "null") is { } replaced)
        {
            _gone.Add(replaced);
        }
    }

    /// <summary>Short and long: in a row, in a blob.</summary>
    private string NewData() => new string((char)('a' + _random.Next(26)), _random.Next(3) * 6) + ++_written;

    private string SomeETag(string key) => _random.Next(4) switch
    {
        0 => "*",
        1 => "\"00000000000000000000000000000000\"",
        _ => _model.Versions(key) is { Count: > 0 } v && v[_random.Next(v.Count)] is { IsMarker: false } some ? some.ETag : "*",
    };

    private WriteCondition Condition(string key) => _random.Next(8) switch
    {
        0 => WriteCondition.Absent,
        1 => new WriteCondition(SomeETag(key)),
        2 => new WriteCondition(IfNoneMatch: SomeETag(key)),
        _ => WriteCondition.None,
    };

    private string? Refusal(string key, WriteCondition condition)
    {
        ModelVersion? current = _model.Current(key);
        return condition switch
        {
            { IfNoneMatch: { } none } => current is null || (none != "*" && none != current.ETag) ? null : "PreconditionFailed",
            { IfMatch: null } => null,
            { IfMatch: { } match } => current is null ? match == "*" ? "PreconditionFailed" : "NoSuchKey"
                : match == "*" || match == current.ETag ? null : "PreconditionFailed",
        };
    }

    private static async Task RefusedAsync(string code, Func<Task> act) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<S3Exception>(act)).Error.Code);
}
