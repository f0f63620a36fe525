using System.Text;
using Tarn.Load.Options;

namespace Tarn.Load.Workloads;

/// <summary>GETs of random objects among those prepared.</summary>
internal sealed class GetWorkload(LoadOptions options) : IWorkload
{
    public string Name => "get";

    public void Step(Worker worker, long index)
    {
        Http.Exchange exchange = worker.Client.Object("GET", worker.Random.NextInt64(options.Objects));
        worker.Record(Name, exchange, exchange.BodyBytes);
    }
}

/// <summary>GETs of each prepared object once, in random order: what one epoch of a training job reads.</summary>
internal sealed class EpochWorkload : IWorkload
{
    private readonly int[] _order;

    public EpochWorkload(LoadOptions options)
    {
        _order = [.. Enumerable.Range(0, checked((int)options.Objects))];
        Random.Shared.Shuffle(_order);
    }

    public string Name => "epoch";

    public void Step(Worker worker, long index)
    {
        Http.Exchange exchange = worker.Client.Object("GET", _order[index]);
        worker.Record(Name, exchange, exchange.BodyBytes);
    }
}

/// <summary>HEADs of random objects among those prepared.</summary>
internal sealed class StatWorkload(LoadOptions options) : IWorkload
{
    public string Name => "stat";

    public void Step(Worker worker, long index) =>
        worker.Record(Name, worker.Client.Object("HEAD", worker.Random.NextInt64(options.Objects)), 0);
}

/// <summary>GETs of random objects as an accelerator sends them: the server answers with a plan in the place of the bytes. An answer without one is an error.</summary>
internal sealed class ResolveWorkload(LoadOptions options) : IWorkload
{
    private readonly byte[] _lines = Encoding.ASCII.GetBytes(
        $"x-tarn-accelerator: v=1;token={options.AcceleratorToken};name=load;zone={options.Zone};domains=\r\nx-tarn-call: resolve;for=127.0.0.1:1;tls=0\r\n");

    public string Name => "resolve";

    public void Step(Worker worker, long index)
    {
        Http.Exchange exchange = worker.Client.Object("GET", worker.Random.NextInt64(options.Objects), headers: _lines);
        if (exchange.IsSuccess && exchange.BodyBytes >= options.Size)
        {
            worker.Fail(Name, "the answer is no plan");
            return;
        }

        worker.Record(Name, exchange, exchange.BodyBytes);
    }
}

/// <summary>Unsigned GETs of one URL.</summary>
internal sealed class RawGetWorkload : IWorkload
{
    public string Name => "raw-get";

    public void Step(Worker worker, long index)
    {
        Http.Exchange exchange = worker.Client.Raw();
        worker.Record(Name, exchange, exchange.BodyBytes);
    }
}
