using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Documents;

namespace Tarn.Tests.Documents;

public sealed class DocumentBytesTests
{
    private const int Large = 1024 * 1024;

    [Fact]
    public async Task A_promise_takes_nothing_and_a_large_document_takes_all_it_needs_at_once()
    {
        var budget = new DocumentBudget(new FakeTimeProvider(), 4 * Large);
        using DocumentBudget.Share share = budget.Open();
        var taken = new List<int>();
        var body = new Pieces(Large, 16 * 1024, () => taken.Add(budget.Used));
        using DocumentBytes bytes = await DocumentBytes.ReadAsync(body, Large, share, CancellationToken.None);
        Assert.Equal(0, taken[0]);
        Assert.InRange(taken[1], 1, 64 * 1024);
        Assert.InRange(taken[^1], Large, Large + (64 * 1024));
        Assert.True(taken.Distinct().Count() <= 4, string.Join(' ', taken.Distinct()));
        Assert.Equal(Large, bytes.Length);
        Assert.Equal(Large, bytes.Sequence.Length);
    }

    [Fact]
    public async Task Large_documents_do_not_wait_for_one_another_forever()
    {
        var budget = new DocumentBudget(new FakeTimeProvider(), 4 * Large);
        await Parallel.ForAsync(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellationToken) =>
        {
            using DocumentBudget.Share share = budget.Open();
            using DocumentBytes bytes = await DocumentBytes.ReadAsync(new Pieces(2 * Large, 16 * 1024, () => { }), 2 * Large, share, cancellationToken);
            Assert.Equal(2 * Large, bytes.Length);
        });
        Assert.Equal(0, budget.Used);
    }

    private sealed class Pieces(int length, int piece, Action before) : IUploadBody
    {
        private int _left = length;

        public long? Length { get; } = length;

        public IReadOnlyDictionary<string, string> Trailers { get; } = new Dictionary<string, string>();

        public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            before();
            int now = Math.Min(piece, _left);
            _left -= now;
            return new ReadOnlySequence<byte>(new byte[now]);
        }
    }
}
