using System.Collections.Frozen;
using Tarn.Core.Errors;

namespace Tarn.S3.Routing;

/// <summary>Finds the row of a table that a request asks for. Allocates nothing when there is one.</summary>
internal sealed class OperationMatcher
{
    private static readonly string[] Methods = ["GET", "HEAD", "PUT", "POST", "DELETE"];

    private readonly Row[][] _byMethodAndTarget = new Row[Methods.Length * 3][];
    private readonly string[] _allow = new string[3];
    private readonly FrozenSet<string>[] _builtSubresources = new FrozenSet<string>[3];
    private readonly S3Operation? _preflight;

    public OperationMatcher(IReadOnlyList<S3Operation> rows)
    {
        _preflight = rows.FirstOrDefault(row => row.Method == "OPTIONS");
        for (int i = 0; i < _byMethodAndTarget.Length; i++)
        {
            string method = Methods[i / 3];
            var target = (S3Target)(i % 3);
            _byMethodAndTarget[i] = [.. rows
                .Where(row => row.Method == method && row.Target == target)
                .Select(row => new Row(row))
                .OrderByDescending(row => row.Weight)];
        }

        for (int i = 0; i < 3; i++)
        {
            int target = i;
            _allow[i] = string.Join(", ", Methods.Where((_, m) => _byMethodAndTarget[(m * 3) + target]
                .Any(row => row.Operation.Query.Length == 0 && row.Operation.Header is null)));
        }

        // A parameter with a demanded value (list-type=2) chooses between rows but is no resource of its own; nor is one of many by its id.
        for (int i = 0; i < 3; i++)
        {
            var target = (S3Target)i;
            _builtSubresources[i] = rows.Where(row => row.Target == target).SelectMany(row => row.Query)
                .Where(q => !q.Contains('=')).Where(q => q is not ("partNumber" or "id")).ToFrozenSet();
        }
    }

    /// <summary>The sub-resources that some row of the table demands.</summary>
    public IEnumerable<string> BuiltSubresources => _builtSubresources.SelectMany(set => set).Distinct();

    public Resolution Resolve<THeaders>(string method, S3Target target, RequestQuery query, THeaders headers)
        where THeaders : struct, IHeaderPresence
    {
        int index = Array.IndexOf(Methods, method);
        if (index < 0)
        {
            // A preflight has the target of the request that it asks about, sub-resource included, whatever that is.
            return method == "OPTIONS" && target != S3Target.Service && _preflight is not null ? new(_preflight, null) : Refused(target);
        }

        Row? best = null;
        foreach (Row row in _byMethodAndTarget[(index * 3) + (int)target])
        {
            if (row.Matches(query, headers))
            {
                best = row;
                break;
            }
        }

        // A request that names a sub-resource must never fall through to the plain operation: DELETE ?policy is not DeleteBucket.
        foreach (KeyValuePair<string, string> pair in query.Span)
        {
            if (best is not null && best.Demands(pair.Key))
            {
                continue;
            }

            if (_builtSubresources[(int)target].Contains(pair.Key))
            {
                // PUT ?uploadId without a part number is the one case where a parameter is missing rather than the method wrong.
                return pair.Key == "uploadId" && method == "PUT" && target == S3Target.Object
                    ? new(null, S3Error.InvalidRequest, "Missing required parameter: partNumber.")
                    : method != "GET" && !query.Has("id") && DemandsId(index, target, pair.Key)
                    ? new(null, S3Error.InvalidRequest, "Missing required parameter: id.")
                    : Refused(target, pair.Key);
            }

            if (Subresources.Exists(pair.Key, target))
            {
                return NotBuilt($"The sub-resource {pair.Key} is not implemented.");
            }
        }

        if (method == "PUT" && target == S3Target.Object && query.Has("partNumber") && !query.Has("uploadId"))
        {
            return new(null, S3Error.InvalidRequest, "Missing required parameter: uploadId.");
        }

        if (best is null)
        {
            return Refused(target);
        }

        return new(best.Operation, null);
    }

    private bool DemandsId(int index, S3Target target, string subresource) =>
        Array.Exists(_byMethodAndTarget[(index * 3) + (int)target], row => row.Demands(subresource) && row.Demands("id"));

    private static Resolution NotBuilt(string message) => new(null, S3Error.NotImplemented, message);

    private Resolution Refused(S3Target target, string? subresource = null)
    {
        string allow = subresource is null
            ? _allow[(int)target]
            : string.Join(", ", Methods.Where((_, m) => _byMethodAndTarget[(m * 3) + (int)target].Any(row => row.Demands(subresource))));
        return new(null, S3Error.MethodNotAllowed, Allow: allow);
    }

    private sealed class Row
    {
        private readonly (string Name, string? Value)[] _query;

        public Row(S3Operation operation)
        {
            Operation = operation;
            _query = [.. operation.Query.Select(q => q.Split('=', 2)).Select(q => (q[0], q.Length > 1 ? q[1] : null))];
            // A sub-resource says more than a parameter with a value: ?versions&list-type=2 lists versions.
            Weight = _query.Sum(q => q.Value is null ? 4 : 2) + (operation.Header is null ? 0 : 1);
        }

        public S3Operation Operation { get; }

        public int Weight { get; }

        public bool Matches<THeaders>(RequestQuery query, THeaders headers)
            where THeaders : struct, IHeaderPresence
        {
            foreach ((string name, string? value) in _query)
            {
                if (!query.TryGet(name, out string? sent) || (value is not null && sent != value))
                {
                    return false;
                }
            }

            return Operation.Header is null || headers.Has(Operation.Header);
        }

        public bool Demands(string name)
        {
            foreach ((string demanded, _) in _query)
            {
                if (demanded == name)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
