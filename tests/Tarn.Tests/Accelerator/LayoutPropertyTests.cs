using System.Globalization;
using Tarn.TestKit.Http;

namespace Tarn.Tests.Accelerator;

/// <summary>Ranges at random of objects whose layout is random, and changes: a client gets the bytes of the version that was decided on, or notices that it does not.</summary>
public sealed class LayoutPropertyTests
{
    private const int Keys = 4, Steps = 80;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 10)]
    [InlineData(4, 30)]
    public async Task Every_byte_is_right_whatever_is_cached_shared_overwritten_or_fails(int seed, int failing)
    {
        var random = new Random(seed);
        await using var upstream = new LayoutUpstream(seed) { Failing = failing };

        // Less than the blobs have, so that frames come and go.
        await using TestAccelerator accelerator = await TestAccelerator.StartAsync(upstream.Url, change: static options => options with { CacheSize = 32L << 20, CacheMemory = 4L << 20 });
        byte[][] objects = [.. Enumerable.Range(0, Keys).Select(i => upstream.Write($"/b/{i}"))];
        RawConnection client = await accelerator.ConnectAsync();
        int whole = 0;
        for (int step = 0; step < Steps; step++)
        {
            int key = random.Next(Keys);
            if (random.Next(8) == 0)
            {
                objects[key] = upstream.Write($"/b/{key}");
            }

            byte[] expected = objects[key];
            int from = random.Next(expected.Length), to = random.Next(3) == 0 ? expected.Length - 1 : random.Next(from, Math.Min(expected.Length, from + (1 << random.Next(1, 23))));
            bool isRange = random.Next(4) != 0;
            string control = random.Next(6) switch { 0 => "Cache-Control: no-cache\r\n", 1 => "Cache-Control: no-store\r\n", _ => "" };
            RawResponse answer;
            try
            {
                await client.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"GET /b/{key} HTTP/1.1\r\nHost: h\r\n{control}{(isRange ? $"Range: bytes={from}-{to}\r\n" : "")}\r\n"));
                answer = (await client.ReadResponseAsync("GET"))!;
            }
            catch (IOException) when (failing > 0)
            {
                // It was cut in the middle.
                await client.DisposeAsync();
                client = await accelerator.ConnectAsync();
                continue;
            }

            whole++;
            Assert.Equal(isRange ? 206 : 200, answer.Status);
            Assert.True((isRange ? expected.AsSpan(from, to - from + 1) : expected).SequenceEqual(answer.Body), $"Wrong bytes in step {step}: {from}-{to} of {expected.Length}");
        }

        await client.DisposeAsync();
        Assert.InRange(whole, failing == 0 ? Steps : 1, Steps);
        Assert.True(accelerator.Metrics.FromCache > 0 && accelerator.Metrics.FromUpstream > 0);
        Assert.True(failing > 0 || accelerator.Cache.Statistics.DamagedFrames == 0);
    }
}
