using Tarn.Core.Logging;

namespace Tarn.Tests.BucketLogs;

/// <summary>Spool files in memory, which can fail, fill up and lose in a crash what was not synced.</summary>
internal sealed class MemorySpoolFiles : ISpoolFiles
{
    private readonly Dictionary<string, FileContent> _files = new(StringComparer.Ordinal);

    /// <summary>Runs before each call, with its name and the file's; may throw.</summary>
    public Action<string, string>? Before { get; set; }

    /// <summary>Runs after each call that succeeded; may throw, as a process that dies then.</summary>
    public Action<string, string>? After { get; set; }

    public IEnumerable<string> Names => _files.Keys.Order(StringComparer.Ordinal);

    public IReadOnlyList<(string Name, long Length)> List() => Do("list", "", () => _files.Select(static file => (file.Key, (long)file.Value.Bytes.Count)).ToList());

    public ISpoolFile Create(string name) => Do("create", name, () =>
    {
        var file = new FileContent();
        _files.Add(name, file);
        return new Appended(this, name, file);
    });

    public byte[]? Read(string name) => Do("read", name, () => _files.GetValueOrDefault(name)?.Bytes.ToArray());

    public bool Rename(string from, string to) => Do("rename", from, () =>
    {
        if (_files.Remove(from, out FileContent? file))
        {
            _files.Add(to, file);
        }

        return _files.ContainsKey(to);
    });

    public void Replace(string name, ReadOnlySpan<byte> content)
    {
        byte[] bytes = content.ToArray();
        Do("replace", name, () =>
        {
            _files[name] = new FileContent { Bytes = [.. bytes], Synced = bytes.Length };
            return 0;
        });
    }

    /// <summary>Removes a file behind the spool's back.</summary>
    public void Lose(string name) => Assert.True(_files.Remove(name));

    /// <summary>Adds a file that was there before.</summary>
    public void Put(string name, params byte[] content) => _files[name] = new FileContent { Bytes = [.. content], Synced = content.Length };

    public byte[] Content(string name) => [.. _files[name].Bytes];

    public void Delete(string name) => Do("delete", name, () => _files.Remove(name));

    /// <summary>What a crash leaves: of what was not synced some part, perhaps with wrong bytes.</summary>
    public MemorySpoolFiles Crash(Random random)
    {
        var left = new MemorySpoolFiles();
        foreach ((string name, FileContent file) in _files)
        {
            int kept = file.Synced + random.Next(file.Bytes.Count - file.Synced + 1);
            List<byte> bytes = file.Bytes[..kept];
            if (kept > file.Synced && random.Next(2) == 0)
            {
                bytes[random.Next(file.Synced, kept)] ^= 0x40;
            }

            left._files[name] = new FileContent { Bytes = bytes, Synced = kept };
        }

        return left;
    }

    private T Do<T>(string call, string name, Func<T> act)
    {
        Before?.Invoke(call, name);
        T result = act();
        After?.Invoke(call, name);
        return result;
    }

    private sealed class FileContent
    {
        public List<byte> Bytes { get; set; } = [];

        public int Synced { get; set; }
    }

    private sealed class Appended(MemorySpoolFiles files, string name, FileContent file) : ISpoolFile
    {
        public long Length => file.Bytes.Count;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            byte[] added = bytes.ToArray();
            files.Do("append", name, () =>
            {
                file.Bytes.AddRange(added);
                return 0;
            });
        }

        public void Sync() => files.Do("sync", name, () => file.Synced = file.Bytes.Count);

        public void Dispose()
        {
        }
    }
}
