using System.Net;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Access;

/// <summary>Decisions while what they depend on changes.</summary>
public sealed class AccessRaceTests : IAsyncLifetime
{
    private AccessHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await AccessHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task No_request_that_begins_after_a_policy_is_gone_is_allowed_by_it()
    {
        await _host.OkAsync("a", "PUT bucket");
        await _host.OkAsync("a", "PUT bucket/key", "x");
        for (int round = 0; round < 20; round++)
        {
            await _host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""");
            bool gone = false;
            int allowed = 0;
            Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                for (bool last = false; !last;)
                {
                    last = Volatile.Read(ref gone);
                    bool ok = (await _host.SendAsync(null, "GET bucket/key")).IsSuccess;
                    Assert.False(ok && last);
                    Interlocked.Add(ref allowed, ok ? 1 : 0);
                }
            }))];
            while (Volatile.Read(ref allowed) == 0)
            {
                await Task.Yield();
            }

            await _host.OkAsync("a", "DELETE bucket?policy");
            Volatile.Write(ref gone, true);
            await Task.WhenAll(readers);
        }
    }

    [Fact]
    public async Task What_replaces_a_public_object_is_not_read_by_the_list_of_the_one_before()
    {
        await _host.OkAsync("a", "PUT bucket", "", "x-amz-object-ownership: ObjectWriter");
        await _host.OkAsync("a", "PUT bucket/key", "open", "x-amz-acl: public-read");
        bool done = false;
        int read = 0;
        Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref done))
            {
                RawS3Response answer = await _host.SendAsync(null, "GET bucket/key");
                Assert.NotEqual("shut", answer.Text);
                Interlocked.Add(ref read, answer.IsSuccess ? 1 : 0);
            }
        }))];
        for (int round = 0; round < 150 || Volatile.Read(ref read) == 0; round++)
        {
            await _host.OkAsync("a", "PUT bucket/key", "shut");
            await _host.OkAsync("a", "PUT bucket/key", "open", "x-amz-acl: public-read");
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Of_a_hundred_writers_who_want_a_new_key_one_wins()
    {
        await _host.OkAsync("a", "PUT bucket");
        await _host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}""");
        string?[] writers = [null, "a", "b", "b.user", "c"];
        RawS3Response[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i =>
            _host.SendAsync(writers[i % writers.Length], "PUT bucket/key", $"{i}", "If-None-Match: *")));
        int winner = Assert.Single(Enumerable.Range(0, 100), i => answers[i].IsSuccess);
        Assert.All(answers.Where(answer => !answer.IsSuccess), answer =>
            Assert.Contains(answer.Status, new[] { HttpStatusCode.PreconditionFailed, HttpStatusCode.Conflict }));
        Assert.Equal($"{winner}", (await _host.OkAsync("a", "GET bucket/key")).Text);
    }
}
