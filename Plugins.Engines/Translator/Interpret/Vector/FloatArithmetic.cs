using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.Interpret.Floating;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>
/// SSE arithmetic. Where the host's own arithmetic gives the guest's result (see <see cref="FloatEnvironment.HostRounds"/> and
/// <see cref="IFloatFormat"/>) it is used; everything else is <see cref="SoftFloat"/>'s.
/// </summary>
internal static unsafe class FloatArithmetic
{
    internal static void Register(HandlerTable table)
    {
        Set<Add>(table, Code.Addss_xmm_xmmm32, Code.Addsd_xmm_xmmm64, Code.Addps_xmm_xmmm128, Code.Addpd_xmm_xmmm128);
        Set<Subtract>(table, Code.Subss_xmm_xmmm32, Code.Subsd_xmm_xmmm64, Code.Subps_xmm_xmmm128, Code.Subpd_xmm_xmmm128);
        Set<Multiply>(table, Code.Mulss_xmm_xmmm32, Code.Mulsd_xmm_xmmm64, Code.Mulps_xmm_xmmm128, Code.Mulpd_xmm_xmmm128);
        Set<Divide>(table, Code.Divss_xmm_xmmm32, Code.Divsd_xmm_xmmm64, Code.Divps_xmm_xmmm128, Code.Divpd_xmm_xmmm128);
        Set<Minimum>(table, Code.Minss_xmm_xmmm32, Code.Minsd_xmm_xmmm64, Code.Minps_xmm_xmmm128, Code.Minpd_xmm_xmmm128);
        Set<Maximum>(table, Code.Maxss_xmm_xmmm32, Code.Maxsd_xmm_xmmm64, Code.Maxps_xmm_xmmm128, Code.Maxpd_xmm_xmmm128);
        Set<SquareRoot>(table, Code.Sqrtss_xmm_xmmm32, Code.Sqrtsd_xmm_xmmm64, Code.Sqrtps_xmm_xmmm128, Code.Sqrtpd_xmm_xmmm128);
    }

    private static void Set<TOperation>(HandlerTable table, Code single, Code @double, Code singles, Code doubles)
        where TOperation : struct, IFloatOperation
    {
        table.Set(single, &FloatHandlers.Single<TOperation>);
        table.Set(@double, &FloatHandlers.Double<TOperation>);
        table.Set(singles, &FloatHandlers.Singles<TOperation>);
        table.Set(doubles, &FloatHandlers.Doubles<TOperation>);
    }

    internal readonly struct Add : IFloatOperation
    {
        public static ulong Apply<TFormat>(ulong destination, ulong source, ref FloatEnvironment environment)
            where TFormat : struct, IFloatFormat
        {
            bool inexact = environment.InexactIsKnown;
            if (!environment.HostRounds || !TFormat.TryAdd(destination, source, ref inexact, out ulong result))
                return SoftFloat.Add<TFormat>(destination, source, subtract: false, ref environment);
            if (inexact)
                environment.Raise(FloatFlags.Inexact);
            return result;
        }

        public static bool TrySingles(Vector128<float> destination, Vector128<float> source, out Vector128<float> result)
        {
            result = destination + source;
            return HostRange.HasNoDenormal(destination) && HostRange.HasNoDenormal(source)
                && HostRange.All(HostRange.Ordinary(result) | HostRange.Zero(result));
        }

        public static bool TryDoubles(Vector128<double> destination, Vector128<double> source, out Vector128<double> result)
        {
            result = destination + source;
            return HostRange.HasNoDenormal(destination) && HostRange.HasNoDenormal(source)
                && HostRange.All(HostRange.Ordinary(result) | HostRange.Zero(result));
        }
    }

    internal readonly struct Subtract : IFloatOperation
    {
        public static ulong Apply<TFormat>(ulong destination, ulong source, ref FloatEnvironment environment)
            where TFormat : struct, IFloatFormat
        {
            bool inexact = environment.InexactIsKnown;
            if (!environment.HostRounds || !TFormat.TrySubtract(destination, source, ref inexact, out ulong result))
                return SoftFloat.Add<TFormat>(destination, source, subtract: true, ref environment);
            if (inexact)
                environment.Raise(FloatFlags.Inexact);
            return result;
        }

        public static bool TrySingles(Vector128<float> destination, Vector128<float> source, out Vector128<float> result)
        {
            result = destination - source;
            return HostRange.HasNoDenormal(destination) && HostRange.HasNoDenormal(source)
                && HostRange.All(HostRange.Ordinary(result) | HostRange.Zero(result));
        }

        public static bool TryDoubles(Vector128<double> destination, Vector128<double> source, out Vector128<double> result)
        {
            result = destination - source;
            return HostRange.HasNoDenormal(destination) && HostRange.HasNoDenormal(source)
                && HostRange.All(HostRange.Ordinary(result) | HostRange.Zero(result));
        }
    }

    internal readonly struct Multiply : IFloatOperation
    {
        public static ulong Apply<TFormat>(ulong destination, ulong source, ref FloatEnvironment environment)
            where TFormat : struct, IFloatFormat
        {
            bool inexact = environment.InexactIsKnown;
            if (!environment.HostRounds || !TFormat.TryMultiply(destination, source, ref inexact, out ulong result))
                return SoftFloat.Multiply<TFormat>(destination, source, ref environment);
            if (inexact)
                environment.Raise(FloatFlags.Inexact);
            return result;
        }

        public static bool TrySingles(Vector128<float> destination, Vector128<float> source, out Vector128<float> result)
        {
            result = destination * source;
            return HostRange.HasNoDenormal(destination) && HostRange.HasNoDenormal(source)
                && HostRange.All(HostRange.Ordinary(result) | (HostRange.Zero(result) & (HostRange.Zero(destination) | HostRange.Zero(source))));
        }

        public static bool TryDoubles(Vector128<double> destination, Vector128<double> source, out Vector128<double> result)
        {
            result = destination * source;
            return HostRange.HasNoDenormal(destination) && HostRange.HasNoDenormal(source)
                && HostRange.All(HostRange.Ordinary(result) | (HostRange.Zero(result) & (HostRange.Zero(destination) | HostRange.Zero(source))));
        }
    }

    internal readonly struct Divide : IFloatOperation
    {
        public static ulong Apply<TFormat>(ulong destination, ulong source, ref FloatEnvironment environment)
            where TFormat : struct, IFloatFormat
        {
            bool inexact = environment.InexactIsKnown;
            if (!environment.HostRounds || !TFormat.TryDivide(destination, source, ref inexact, out ulong result))
                return SoftFloat.Divide<TFormat>(destination, source, ref environment);
            if (inexact)
                environment.Raise(FloatFlags.Inexact);
            return result;
        }

        public static bool TrySingles(Vector128<float> destination, Vector128<float> source, out Vector128<float> result)
        {
            result = destination / source;
            return HostRange.HasNoDenormal(destination) && HostRange.HasNoDenormal(source)
                && HostRange.All(HostRange.Ordinary(result) | (HostRange.Zero(result) & HostRange.Zero(destination)));
        }

        public static bool TryDoubles(Vector128<double> destination, Vector128<double> source, out Vector128<double> result)
        {
            result = destination / source;
            return HostRange.HasNoDenormal(destination) && HostRange.HasNoDenormal(source)
                && HostRange.All(HostRange.Ordinary(result) | (HostRange.Zero(result) & HostRange.Zero(destination)));
        }
    }

    internal readonly struct SquareRoot : IFloatOperation
    {
        public static ulong Apply<TFormat>(ulong destination, ulong source, ref FloatEnvironment environment)
            where TFormat : struct, IFloatFormat
        {
            bool inexact = environment.InexactIsKnown;
            if (!environment.HostRounds || !TFormat.TrySquareRoot(source, ref inexact, out ulong result))
                return SoftFloat.SquareRoot<TFormat>(source, ref environment);
            if (inexact)
                environment.Raise(FloatFlags.Inexact);
            return result;
        }

        public static bool TrySingles(Vector128<float> destination, Vector128<float> source, out Vector128<float> result)
        {
            result = Vector128.Sqrt(source);
            return HostRange.All(HostRange.Ordinary(source) & HostRange.Ordinary(result));
        }

        public static bool TryDoubles(Vector128<double> destination, Vector128<double> source, out Vector128<double> result)
        {
            result = Vector128.Sqrt(source);
            return HostRange.All(HostRange.Ordinary(source) & HostRange.Ordinary(result));
        }
    }

    internal readonly struct Minimum : IFloatOperation
    {
        public static ulong Apply<TFormat>(ulong destination, ulong source, ref FloatEnvironment environment)
            where TFormat : struct, IFloatFormat
            => SoftFloat.Select<TFormat>(destination, source, maximum: false, ref environment);
    }

    internal readonly struct Maximum : IFloatOperation
    {
        public static ulong Apply<TFormat>(ulong destination, ulong source, ref FloatEnvironment environment)
            where TFormat : struct, IFloatFormat
            => SoftFloat.Select<TFormat>(destination, source, maximum: true, ref environment);
    }
}
