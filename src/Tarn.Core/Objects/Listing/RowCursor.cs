using Tarn.Core.KeyValue;

namespace Tarn.Core.Objects.Listing;

/// <summary>Walks a range of rows a page at a time; pages start small and grow as the walk continues.</summary>
internal sealed class RowCursor
{
    private const int FullPage = 1024;

    private readonly IKeyValueReader _store;
    private readonly byte[] _end;
    private readonly int _firstPage;
    private IReadOnlyList<KeyValueEntry> _page = [];
    private byte[]? _next;
    private int _index;
    private int _limit;

    public RowCursor(IKeyValueReader store, byte[] from, byte[] end, int firstPage)
    {
        _store = store;
        _next = from;
        _end = end;
        _firstPage = _limit = firstPage;
    }

    /// <summary>The current row; null at the end.</summary>
    public async ValueTask<KeyValueEntry?> PeekAsync(CancellationToken cancellationToken)
    {
        if (_index == _page.Count)
        {
            if (_next is null || _next.AsSpan().SequenceCompareTo(_end) >= 0)
            {
                return null;
            }

            _page = await _store.ScanAsync(_next, _end, _limit, reverse: false, cancellationToken);
            _index = 0;
            _next = _page.Count < _limit ? null : [.. _page[^1].Key, 0];
            _limit = Math.Min(_limit * 4, FullPage);
            if (_page.Count == 0)
            {
                return null;
            }
        }

        return _page[_index];
    }

    public void Advance() => _index++;

    /// <summary>Moves to the first row at or after a key.</summary>
    public void Seek(byte[] key)
    {
        while (_index < _page.Count && _page[_index].Key.AsSpan().SequenceCompareTo(key) < 0)
        {
            _index++;
        }

        if (_index == _page.Count && _next is not null && _next.AsSpan().SequenceCompareTo(key) < 0)
        {
            _next = key;
            _limit = _firstPage;
        }
    }
}
