package org.example.timer

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

sealed interface State {
    data object Idle : State
    data class Running(val left: Duration, val label: String) : State
    data class Finished(val label: String) : State
}

/** Counts down, one tick after the other. */
class Timer(
    private val scope: CoroutineScope,
    private val tick: Duration = 100.milliseconds,
) {
    private val _state = MutableStateFlow<State>(State.Idle)
    val state: StateFlow<State> = _state.asStateFlow()

    private var job: Job? = null
    private val listeners = mutableListOf<(State) -> Unit>()

    fun start(duration: Duration, label: String = "tea") {
        require(duration.isPositive()) { "nothing to wait for ($duration)" }
        job?.cancel()
        job = scope.launch {
            var left = duration
            while (left > Duration.ZERO) {
                publish(State.Running(left, label))
                delay(tick)
                left -= tick
            }
            publish(State.Finished(label))
        }
    }

    fun stop() {
        job?.cancel()
        job = null
        publish(State.Idle)
    }

    fun onChange(listener: (State) -> Unit) {
        listeners += listener
    }

    private fun publish(state: State) {
        _state.value = state
        // A listener that throws must not stop the others.
        for (listener in listeners.toList()) {
            try {
                listener(state)
            } catch (problem: IllegalStateException) {
                println("listener failed: ${problem.message}")
            }
        }
    }
}

fun State.describe(): String = when (this) {
    is State.Idle -> "nothing to do"
    is State.Running -> "$label: ${left.inWholeSeconds} s left"
    is State.Finished -> "$label is ready"
}

fun parseDuration(text: String): Duration? {
    val match = Regex("""(\d+)(s|ms)""").matchEntire(text.trim()) ?: return null
    val (number, unit) = match.destructured
    return when (unit) {
        "s" -> number.toInt().seconds
        "ms" -> number.toInt().milliseconds
        else -> null
    }
}

fun shortest(texts: List<String>): Duration? =
    texts.mapNotNull(::parseDuration)
        .filter { it.isPositive() }
        .minOrNull()
