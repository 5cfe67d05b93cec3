using Hospes.Sdk;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Hospes.Host.Plugins;

/// <summary>
/// Calls a plugin so that its failure stays the plugin's: it has a time limit, a further try where that is safe, and after too many failures it is
/// left alone for a while. For control operations, not for a guest's hot path. Any thread.
/// </summary>
internal sealed class PluginGuard
{
    private readonly string _plugin;
    private readonly PluginGuardOptions _options;
    private readonly Lazy<ResiliencePipeline> _once;
    private readonly Lazy<ResiliencePipeline> _repeated;

    /// <param name="plugin">Who is called, as in <c>scheduler 'credit'</c>.</param>
    /// <param name="options">How much it is put up with.</param>
    /// <param name="time">Whose clock limits, pauses and breaks go by.</param>
    internal PluginGuard(string plugin, PluginGuardOptions? options = null, TimeProvider? time = null)
    {
        _plugin = plugin;
        _options = options ?? new PluginGuardOptions();
        _once = new Lazy<ResiliencePipeline>(() => Once(time));
        _repeated = new Lazy<ResiliencePipeline>(() => Repeated(time));
    }

    /// <summary>Calls the plugin on a thread of the pool and waits. A call that does not end in time is left behind there.</summary>
    /// <exception cref="PluginFailureException">It threw, took too long, or is left alone at the moment.</exception>
    internal T Call<T>(PluginOperation operation, Func<T> call, DomainId? domain = null) => _options.IsPlain
        ? CallPlainly(operation, call, domain)
        : CallAsync(operation, _ => new ValueTask<T>(call()), domain, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Calls the plugin.</summary>
    /// <exception cref="PluginFailureException">It threw, took too long, or is left alone at the moment.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    internal async Task<T> CallAsync<T>(PluginOperation operation, Func<CancellationToken, ValueTask<T>> call, DomainId? domain, CancellationToken cancellation)
    {
        try
        {
            // An answer by exception is taken out of the pipeline's sight: it is no failure.
            (T? value, Exception? answer) = await (operation.IsSafeToRepeat ? _repeated : _once).Value.ExecuteAsync(
                async token => await RunAsync(operation, call, token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            if (answer is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(answer);
            return value!;
        }
        catch (TimeoutRejectedException late)
        {
            throw Late(operation, domain, late);
        }
        catch (BrokenCircuitException broken)
        {
            throw Failure(operation, domain, $"it failed {_options.FailuresUntilBreak} times and is left alone for {_options.BreakTime.TotalSeconds:0} s", broken.InnerException ?? broken);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested && !operation.IsAnswer(failure))
        {
            throw Failure(operation, domain, failure.Message, failure);
        }
    }

    private T CallPlainly<T>(PluginOperation operation, Func<T> call, DomainId? domain)
    {
        Task<T> running = Task.Run(call);
        try
        {
            return running.WaitAsync(_options.Timeout).GetAwaiter().GetResult();
        }
        catch (TimeoutException late) when (!running.IsCompleted)
        {
            throw Late(operation, domain, late);
        }
        catch (Exception failure) when (!operation.IsAnswer(failure))
        {
            throw Failure(operation, domain, failure.Message, failure);
        }
    }

    private PluginFailureException Late(PluginOperation operation, DomainId? domain, Exception late) =>
        Failure(operation, domain, $"it took longer than {_options.Timeout.TotalSeconds:0.###} s", late);

    private PluginFailureException Failure(PluginOperation operation, DomainId? domain, string why, Exception cause) =>
        new(_plugin, domain, operation.Name, why, cause);

    private static async Task<(T? Value, Exception? Answer)> RunAsync<T>(
        PluginOperation operation, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellation)
    {
        try
        {
            // On another thread, and not waited for beyond the limit: a plugin need not look at the token to be limited.
            Task<T> running = Task.Run(async () => await call(cancellation).ConfigureAwait(false), CancellationToken.None);
            return (await running.WaitAsync(cancellation).ConfigureAwait(false), null);
        }
        catch (Exception answer) when (operation.IsAnswer(answer))
        {
            return (default, answer);
        }
    }

    private ResiliencePipeline Once(TimeProvider? time) => Builder(time)
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 1,
            MinimumThroughput = _options.FailuresUntilBreak,
            SamplingDuration = _options.BreakTime,
            BreakDuration = _options.BreakTime,
        })
        .AddTimeout(_options.Timeout)
        .Build();

    private ResiliencePipeline Repeated(TimeProvider? time)
    {
        if (_options.Retries == 0)
            return _once.Value;
        return Builder(time)
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = _options.Retries,
                Delay = _options.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                // What took too long may still be at it, and what is left alone is not to be asked again.
                ShouldHandle = outcome => new ValueTask<bool>(
                    outcome.Outcome.Exception is not (null or OperationCanceledException or TimeoutRejectedException or BrokenCircuitException)),
            })
            .AddPipeline(_once.Value)
            .Build();
    }

    private static ResiliencePipelineBuilder Builder(TimeProvider? time)
    {
        var builder = new ResiliencePipelineBuilder();
        if (time is not null)
            builder.TimeProvider = time;
        return builder;
    }
}
