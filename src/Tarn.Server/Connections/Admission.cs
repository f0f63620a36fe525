using Microsoft.AspNetCore.Http.Features;

namespace Tarn.Server.Connections;

/// <summary>Lets the requests of one listener in as far as their budget goes, and keeps their connections from being taken for idle.</summary>
/// <param name="budget">Their budget.</param>
/// <param name="busy">Answers those that found no room.</param>
internal sealed class Admission(RequestBudget budget, RequestDelegate busy)
{
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        TrackedConnection connection = context.Features.GetRequiredFeature<TrackedConnection>();
        connection.BeginRequest();
        try
        {
            long cost = budget.CostOf(context);
            if (!budget.TryEnter(cost) && !await budget.WaitAsync(cost, context.RequestAborted))
            {
                await busy(context);
                return;
            }

            try
            {
                await next(context);
            }
            finally
            {
                budget.Leave(cost);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone while it waited.
        }
        finally
        {
            connection.EndRequest();
        }
    }
}
