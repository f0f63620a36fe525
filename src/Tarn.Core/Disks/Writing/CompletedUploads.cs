namespace Tarn.Core.Disks.Writing;

/// <summary>Remembers which uploads were completed last, so that a client whose answer was lost can ask again.</summary>
internal sealed class CompletedUploads
{
    private const int Kept = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (byte[]? Sha256, DiskFileFacts Facts)> _known = [];
    private readonly Queue<string> _oldestFirst = new();

    /// <param name="upload">The key of the upload.</param>
    /// <param name="sha256">What it was compared with; null: nothing.</param>
    /// <param name="facts">What was answered.</param>
    public void Add(string upload, byte[]? sha256, DiskFileFacts facts)
    {
        lock (_gate)
        {
            if (!_known.TryAdd(upload, (sha256, facts)))
            {
                return;
            }

            _oldestFirst.Enqueue(upload);
            if (_oldestFirst.Count > Kept)
            {
                _known.Remove(_oldestFirst.Dequeue());
            }
        }
    }

    /// <summary>What was answered to the same request; null when none is remembered.</summary>
    public DiskFileFacts? Find(string upload, byte[]? sha256)
    {
        lock (_gate)
        {
            return _known.TryGetValue(upload, out (byte[]? Sha256, DiskFileFacts Facts) found) && found.Sha256.AsSpan().SequenceEqual(sha256) ? found.Facts : null;
        }
    }
}
